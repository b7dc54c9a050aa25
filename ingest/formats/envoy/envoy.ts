import type { Format } from '../../../core/event/decoder.ts'
import type { DialectValues } from '../dialect-values.ts'
import { type JsonLogDialect, jsonLogConfidence } from '../json-dialect.ts'
import { type JsonLogOptions, parsedText, valueAt } from '../json-log.ts'
import { jsonLogDecoder } from '../json-log-decoder.ts'
import { isObject } from '../json-object.ts'
import { envoyMeanings, envoyOnly, plainName } from './key-names.ts'

export const envoyDialect: JsonLogDialect = {
  plainName,
  meanings: envoyMeanings,
  complete(fields, values) {
    fields.takeKnown('vantage', 'edge', 10)
    fields.takeKnown('gateway', 'envoy', 10)
    fields.take('enforced_by', decisionOf(values))
  },
  readsMarker: isOurRefusal,
}

/**
 * Envoy's JSON access log. Envoy has no default JSON, so all spellings of its operators are accepted; see the README
 * beside this file for the `json_format` that tells most.
 */
export const envoy: Format<JsonLogOptions> = {
  id: 'envoy',
  summary: 'Envoy access log with json_format, keys named after Envoy’s operators.',
  notKept: new Map([
    ['route_name', 'names Envoy’s rule, not the template of the path'],
    ['response_flags', 'tells only whether a refusal is Picket’s own'],
    ['response_code_details', 'tells only whether a refusal is Picket’s own'],
    ['x_forwarded_for', 'what clients wrote; ingest.envoy.trusted_hops says which entry is ours'],
    ['x-forwarded-for', 'what clients wrote; ingest.envoy.trusted_hops says which entry is ours'],
  ]),
  confidence: (line) => jsonLogConfidence(line, envoyDialect, envoyOnly),
  open: (options, wanted, counts) => jsonLogDecoder(envoyDialect, options, wanted, counts),
}

/**
 * The decision that refused the request. Only metadata of the ext_authz filter beside its own verdict counts: the flag
 * `UAEX` alone also stands for an unreachable Picket, so without details the marker must be there as well.
 */
function decisionOf(values: DialectValues): string | undefined {
  if (!isOurRefusal(values)) return undefined
  const marker =
    typeof values.marker === 'string' ? (parsedText(values.marker) ?? values.marker) : values.marker
  if (typeof marker === 'string') return marker
  if (!isObject(marker)) return undefined
  const decision =
    valueAt(marker, ['decision']) ?? valueAt(marker, ['envoy', 'filters', 'http', 'ext_authz', 'decision'])
  return typeof decision === 'string' ? decision : undefined
}

function isOurRefusal(values: DialectValues): boolean {
  const details = text(values.details)
  return details === '' ? text(values.flags).includes('UAEX') : details === 'ext_authz_denied'
}

function text(value: unknown): string {
  return typeof value === 'string' && value !== '-' ? value : ''
}
