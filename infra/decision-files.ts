import { deployedBudgets } from '#core/deployment/deployed-budgets.ts';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { routerFile } from './router-file.ts';

const ROUTER_FILE = 'router.json';
const BUDGETS_FILE = 'budgets.json';

/** What a function that decides has in its package, and how it is told so. */
export function decisionFiles(config: DeploymentConfig) {
  const router = routerFile(config);
  const budgets = deployedBudgets(config);
  if (budgets !== undefined && router === undefined) {
    const detail = `tenantBudgets: no prices of ${config.region} are known; leave them out there`;
    throw new SwitchyardError('invalid_setting', `deployment config: ${detail}`);
  }
  return {
    files: {
      ...(router === undefined ? {} : { [ROUTER_FILE]: router }),
      ...(budgets === undefined ? {} : { [BUDGETS_FILE]: JSON.stringify(budgets) }),
    },
    variables: {
      SWITCHYARD_ROUTER: router === undefined ? undefined : ROUTER_FILE,
      SWITCHYARD_BUDGETS: budgets === undefined ? undefined : BUDGETS_FILE,
    },
  };
}

/** Of functions that decide nothing. */
export const noDecisionFiles = {
  files: {},
  variables: { SWITCHYARD_ROUTER: undefined, SWITCHYARD_BUDGETS: undefined },
} as const satisfies ReturnType<typeof decisionFiles>;
