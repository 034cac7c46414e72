import { existsSync, readFileSync } from 'node:fs';
import { type DeploymentConfig, readDeploymentConfig } from '#core/deployment/deployment-config.ts';

/** Read where nothing else is named, if it is there. */
const DEFAULT_FILE = 'config.json';

/** The deployment that a file describes; every default where there is no file. */
export function readConfigFile(file: string | undefined): DeploymentConfig {
  if (file === undefined && !existsSync(DEFAULT_FILE)) return readDeploymentConfig({});
  return readDeploymentConfig(JSON.parse(readFileSync(file ?? DEFAULT_FILE, 'utf8')));
}
