import type { Format } from '../../../core/event/decoder.ts'
import { type JsonLogDialect, jsonLogConfidence } from '../json-dialect.ts'
import type { JsonLogOptions } from '../json-log.ts'
import { jsonLogDecoder } from '../json-log-decoder.ts'
import { refused } from '../json-object.ts'
import { takeTarget } from '../target-parts.ts'
import { ocsfMeanings, ocsfNested, ocsfOnly } from './attributes.ts'
import { firstJa4, onlyResource } from './lists.ts'

/** API Activity and HTTP Activity: schema.ocsf.io/1.5.0/classes/api_activity and /http_activity. */
const classes: ReadonlySet<unknown> = new Set([6003, 4002, '6003', '4002'])

export const ocsfDialect: JsonLogDialect = {
  plainName: (key) => key,
  meanings: ocsfMeanings,
  nested: ocsfNested,
  complete(fields, { target, query, operation, resources, forwarded, fingerprints, decision }) {
    takeTarget(target, query, fields)
    // Calls that are no HTTP request have an operation for a route.
    if (!fields.isTold('path')) fields.take('route', operation, 4)
    const resource = onlyResource(resources)
    fields.take('object.id', resource?.id)
    fields.take('object.type', resource?.type)
    if (Array.isArray(forwarded)) fields.take('x_forwarded_for', forwarded.slice(0, 64).join(','))
    fields.take('client.ja4', firstJa4(fingerprints))
    if (typeof decision === 'string') fields.take('policy.decision', decision.toLowerCase())
    if (fields.isRefusedLogin) fields.withdraw('principal.id', 0)
  },
  refusal({ class: uid }) {
    if (classes.has(uid)) return undefined
    const found = uid === undefined ? 'none' : JSON.stringify(uid).slice(0, 40)
    const expected = 'expected 6003 (API Activity) or 4002 (HTTP Activity)'
    return refused('field_invalid', `class_uid: ${expected}, found ${found}`)
  },
}

/** OCSF 1.x events of the classes that tell of API requests. */
export const ocsf: Format<JsonLogOptions> = {
  id: 'ocsf',
  summary: 'OCSF 1.x API Activity (6003) and HTTP Activity (4002) in JSON.',
  notKept: new Map([
    ['http_request.url.query_string', 'the query, of which ingest.query_allowlist keeps names in path'],
    ['http_request.x_forwarded_for', 'what clients wrote; ingest.ocsf.trusted_hops says which entry is ours'],
    ['http_request.http_headers', 'headers hold credentials'],
    ['metadata', 'of the record, not of the request'],
    ['severity_id', 'Picket judges for itself'],
    ['severity', 'Picket judges for itself'],
    ['status', 'status codes tell more'],
    ['status_id', 'status codes tell more'],
    ['status_code', 'no number, or another code tells the status'],
    ['activity_id', 'method and operation tell more'],
    ['raw_data', 'the source’s own record'],
    ['unmapped', 'no names that OCSF vouches for'],
  ]),
  confidence: (line) => jsonLogConfidence(line, ocsfDialect, ocsfOnly),
  open: (options, wanted, counts) => jsonLogDecoder(ocsfDialect, options, wanted, counts),
}
