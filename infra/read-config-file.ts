import { existsSync, readFileSync } from 'node:fs';
import { type DeploymentConfig, readDeploymentConfig } from '#core/deployment/deployment-config.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** Read where nothing else is named, if it is there. */
const DEFAULT_FILE = 'config.json';

/**
 * The deployment that a file describes; every default where there is no file. Throws `invalid_setting`
 * for a file that cannot be read, is no JSON, or sets something wrong.
 */
export function readConfigFile(file: string | undefined): DeploymentConfig {
  if (file === undefined && !existsSync(DEFAULT_FILE)) return readDeploymentConfig({});
  return readDeploymentConfig(parseFile(file ?? DEFAULT_FILE));
}

function parseFile(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refused(file, `cannot be read (${code}); name a file by -c config=FILE`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refused(file, `is not JSON: ${(error as Error).message}`);
  }
}

function refused(file: string, problem: string): SwitchyardError {
  return new SwitchyardError('invalid_setting', `deployment config: ${file || '""'} ${problem}`);
}
