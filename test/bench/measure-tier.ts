import type { ItemOutcome } from '#core/contract/predict.ts';
import { readModelBundle } from '#inference/model-bundle.ts';
import { openModelSession } from '#inference/open-model-session.ts';
import { chooseForLane } from '#inference/provider-choice.ts';
import { runTask } from '#inference/tasks/run-task.ts';
import { loadTokenizer } from '#inference/tokenizer.ts';
import type { Tier } from './escalation-frontier.ts';

/** Rows that a model answers before another one takes its turn. */
const TURN_ROWS = 32;

/**
 * Lets models answer every row, each by itself as requests come, taking turns so that a slow moment of
 * the machine hits all of them. Time is the process's CPU time: what waits is not counted.
 */
export async function measureTiers(
  folders: readonly string[],
  texts: readonly string[],
): Promise<readonly Tier[]> {
  const models = await Promise.all(folders.map(openModel));
  // The first answers warm up.
  for (const { answer } of models) await answer(texts.slice(0, TURN_ROWS));
  const measured = models.map(() => ({ outcomes: [] as ItemOutcome[], millis: 0 }));
  for (let at = 0; at < texts.length; at += TURN_ROWS) {
    const turn = texts.slice(at, at + TURN_ROWS);
    for (const [place, { answer }] of models.entries()) {
      const before = process.cpuUsage();
      const outcomes = await answer(turn);
      const { user, system } = process.cpuUsage(before);
      const each = measured[place];
      each?.outcomes.push(...outcomes);
      if (each !== undefined) each.millis += (user + system) / 1_000;
    }
  }
  await Promise.all(models.map(({ close }) => close()));
  return models.map(({ name }, place) => ({
    name,
    outcomes: measured[place]?.outcomes ?? [],
    millisPerRow: (measured[place]?.millis ?? 0) / texts.length,
  }));
}

async function openModel(folder: string) {
  const bundle = await readModelBundle(folder);
  const { manifest } = bundle;
  const choice = chooseForLane(manifest, 'cpu', undefined);
  if (!choice.available) throw new Error(choice.reason);
  const tokenizer = await loadTokenizer(bundle);
  const { variant, provider } = choice;
  const spec = { folder, manifest, variant, provider, padTokenId: tokenizer.padTokenId };
  const session = await openModelSession(spec);
  const tools = { tokenizer, runRows: (rows: readonly Int32Array[]) => session.run(rows) };
  return {
    name: manifest.name,
    close: () => session.close(),
    answer: async (texts: readonly string[]) => {
      const outcomes: ItemOutcome[] = [];
      for (const text of texts) outcomes.push(...(await runTask([text], { manifest }, tools)));
      return outcomes;
    },
  };
}
