import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';

/** What every stack and construct is made from. */
export interface DeploymentSettings {
  readonly config: DeploymentConfig;
  /**
   * True for the emulator of the tests, which refuses some resource types (AWS Batch, scaling targets,
   * CodeDeploy, budgets, flow logs): they are left out, everything else is the production template.
   */
  readonly isEmulated: boolean;
}
