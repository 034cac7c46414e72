import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultLimits } from '#core/contract/limits.ts';
import { laneRatesOf } from '#core/cost/lane-rates.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';
import { DEPLOYED_CELL_BYTES } from '#core/deployment/function-settings.ts';
import { modelCurvesSchema } from '#core/routing/curves/model-curves.ts';
import { type DeployedModel, deploymentState } from '#core/routing/state/deployment-state.ts';
import { nameState } from '#core/routing/state/name-state.ts';
import { projectFolder } from './bundling/project-folder.ts';
import { readManifest } from './read-manifest.ts';

/** Only marks old prices as old; today's date would change every template. */
const ANY_DAY = '2025-01-01';

/**
 * The router's states of a deployment as the text of a file for its functions: made at synth, for a
 * function would have to read the whole price catalogue in its init. Undefined where the region's prices
 * are not known; then the number of items decides.
 */
export function routerFile(config: DeploymentConfig): string | undefined {
  const { region, architecture, models } = config;
  const found = laneRatesOf(openShippedPrices({ today: ANY_DAY }), { region, architecture });
  if (found.kind !== 'found') return undefined;
  const { inlineItems } = defaultLimits;
  const limits = { inlineItems, cellBytes: DEPLOYED_CELL_BYTES };
  const options = { rates: found.rates, limits };
  const states = models.map((model) =>
    nameState(deploymentState(readModel(model), config, options), sha256Of),
  );
  return JSON.stringify(states);
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function readModel(model: string): DeployedModel {
  const folder = join(projectFolder, 'models', model);
  const curves = join(folder, 'curves.json');
  return {
    manifest: readManifest(model),
    curves: existsSync(curves) ? modelCurvesSchema.parse(readJson(curves)) : undefined,
  };
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
