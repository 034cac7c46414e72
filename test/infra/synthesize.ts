import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DeploymentConfigInput,
  readDeploymentConfig,
} from '#core/deployment/deployment-config.ts';
import { addDeployment, createApp } from '../../infra/create-app.ts';

export interface Resource {
  readonly Type: string;
  // Templates are open documents; each test names the properties that it looks at.
  // biome-ignore lint/suspicious/noExplicitAny: a template has no narrower type
  readonly Properties: any;
  readonly DeletionPolicy?: string;
}

export interface StackTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface Synthesis {
  readonly folder: string;
  readonly bulk: StackTemplate;
  readonly serving: StackTemplate;
  readonly operations: StackTemplate;
  readonly all: readonly StackTemplate[];
  /** What the CDK's command would have to ask an account for. */
  readonly missing: readonly unknown[];
}

/** Synthesizes as `cdk synth` does, in this process; a finding of cdk-nag fails it. */
export function synthesize(
  input: DeploymentConfigInput = {},
  { isEmulated = false }: { readonly isEmulated?: boolean } = {},
): Synthesis {
  const folder = temporaryFolder();
  const config = readDeploymentConfig(input);
  const app = createApp(folder);
  addDeployment(app, { config, isEmulated });
  const assembly = app.synth();
  const templateOf = (part: string): StackTemplate =>
    assembly.getStackByName(`${config.name}-${part}`).template;
  const parts = {
    bulk: templateOf('bulk'),
    serving: templateOf('serving'),
    operations: templateOf('operations'),
  };
  const missing = assembly.manifest.missing ?? [];
  return { folder, ...parts, all: Object.values(parts), missing };
}

/** Resources of one type, over one template or several. */
export function resourcesOf(
  templates: StackTemplate | readonly StackTemplate[],
  type: string,
): readonly Resource[] {
  return [templates]
    .flat()
    .flatMap(({ Resources }) => Object.values(Resources))
    .filter(({ Type }) => Type === type);
}

const folders: string[] = [];

function temporaryFolder(): string {
  if (folders.length === 0) process.once('exit', removeFolders);
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-synth-'));
  folders.push(folder);
  return folder;
}

function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
