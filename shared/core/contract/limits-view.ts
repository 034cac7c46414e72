import type { Limits } from './limits.ts';
import type { LimitsView } from './limits-schema.ts';

/** The limits, spelled as every other answer is. */
export function limitsView(limits: Limits): LimitsView {
  return {
    body_bytes: limits.bodyBytes,
    text_units: limits.textUnits,
    inline_items: limits.inlineItems,
    request_items: limits.requestItems,
    json_depth: limits.jsonDepth,
    line_bytes: limits.lineBytes,
    job_files: limits.jobFiles,
    expansion_ratio: limits.expansionRatio,
    expanded_free_bytes: limits.expandedFreeBytes,
    result_bytes: limits.resultBytes,
    link_seconds: limits.linkSeconds,
    upload_bytes: limits.uploadBytes,
  };
}
