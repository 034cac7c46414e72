import { type DeployedBudgets, deployedBudgetsSchema } from '#core/deployment/deployed-budgets.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { readPackageFile } from './read-package-file.ts';

/** The budgets that the stacks put into the package. Throws `invalid_setting` where they are none. */
export function readDeployedBudgets(
  file: string,
  variables: Readonly<Record<string, string | undefined>>,
): DeployedBudgets {
  const parsed = deployedBudgetsSchema.safeParse(readPackageFile(file, variables));
  if (parsed.success) return parsed.data;
  const detail = `${file} holds no budgets of this version; deploy again`;
  throw new SwitchyardError('invalid_setting', detail);
}
