import { createOpenAiRescorer } from '#adapters/openai/openai-rescorer.ts';
import { textBytes } from '#core/contract/text-bytes.ts';
import { checkEscalation } from '#core/escalation/check-escalation.ts';
import type {
  EndpointKey,
  EscalationRule,
  EscalationSettings,
} from '#core/escalation/escalation-settings.ts';
import { endpointUsd } from '#core/escalation/escalation-use.ts';
import { mostTokens } from '#core/escalation/label-question.ts';
import type { QuestionCost } from '#core/escalation/plan-escalation.ts';
import type { ModelManifest } from '#core/models/model-manifest.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Rescorer } from '#core/ports/rescorer.ts';
import { decideLive, type RouteAsk } from '#core/routing/live-route.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { InferenceService } from '#inference/inference-service.ts';
import { type Escalation, openEscalation } from '#work/escalation/escalate.ts';
import { createModelRescorer } from '#work/escalation/model-rescorer.ts';
import type { LiveRouter } from '#work/routing/live-router.ts';

interface EscalationParts {
  readonly settings: EscalationSettings;
  readonly manifests: readonly ModelManifest[];
  readonly inference: InferenceService;
  /** Knows what a model's answer costs; without it nobody does. */
  readonly router: LiveRouter | undefined;
  readonly clock: Clock;
  /** How a key is read here. Throws `invalid_setting` for a place that this machine has no access to. */
  readonly keyReader: (key: EndpointKey) => () => Promise<string | undefined>;
}

/** Second answers for requests. Throws `invalid_setting` for rules that do not fit the models. */
export function openRequestEscalation(parts: EscalationParts): Escalation {
  const { settings, manifests, router, clock } = parts;
  checkEscalation(settings, manifests);
  return openEscalation({
    settings,
    models: manifests,
    openRescorer: (rule) => openRescorer(rule, parts),
    costOf: (rule, text, labels) => costOf(rule, { text, labels, router }),
    clock,
  });
}

function openRescorer(
  { to, timeoutMs, concurrency }: EscalationRule,
  { inference, keyReader }: EscalationParts,
): Rescorer {
  if (to.kind === 'model') return createModelRescorer(inference, to.model);
  const readKey = keyReader(to.key);
  return createOpenAiRescorer({ target: to, timeoutMillis: timeoutMs, concurrency, readKey });
}

function costOf(
  { to }: EscalationRule,
  ask: {
    readonly text: string;
    readonly labels: readonly string[];
    readonly router: LiveRouter | undefined;
  },
): QuestionCost | undefined {
  const { text, labels, router } = ask;
  if (to.kind === 'model') return router && answerCost(to.model, text, router);
  const usd = to.price && endpointUsd(mostTokens(text, labels, to), to.price);
  return { usd, millis: 0 };
}

/** Of one answer by itself: a little more than it costs beside another one. */
function answerCost(model: string, text: string, router: LiveRouter): QuestionCost | undefined {
  const open = { deadlineMs: undefined, maxUsd: undefined };
  const ask: RouteAsk = {
    items: 1,
    bytes: textBytes([text]),
    accepts: 'answer',
    lane: 'cpu',
    ...open,
  };
  try {
    const { chosen } = decideLive(ask, router.stateOf(model));
    return chosen && { usd: chosen.usd, millis: chosen.finishSeconds * 1_000 };
  } catch (error) {
    if (error instanceof SwitchyardError) return undefined;
    throw error;
  }
}
