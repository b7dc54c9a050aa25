import type { Format } from '../../../core/event/decoder.ts'
import {
  dialectMeaning,
  fieldMeaning,
  type JsonLogDialect,
  jsonLogConfidence,
  type KeyMeaning,
  type NestedMeaning,
} from '../json-dialect.ts'
import type { JsonLogOptions } from '../json-log.ts'
import { jsonLogDecoder } from '../json-log-decoder.ts'
import { takeTarget } from '../target-parts.ts'
import { labelNames, takeHeaders } from './lists.ts'

/** Top-level fields: docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html, names in lower case. */
const meanings: ReadonlyMap<string, KeyMeaning> = new Map<string, KeyMeaning>([
  ['timestamp', fieldMeaning('time')],
  ['action', dialectMeaning('decision')],
  ['terminatingruleid', fieldMeaning('policy.id')],
  ['responsecodesent', fieldMeaning('status')],
  ['ja4fingerprint', fieldMeaning('client.ja4')],
  ['ja3fingerprint', fieldMeaning('client.ja4', 1)],
  ['clientasn', fieldMeaning('client.asn')],
  ['labels', dialectMeaning('labels')],
])

const nested: ReadonlyMap<string, NestedMeaning> = new Map<string, NestedMeaning>([
  ['httpRequest.clientIp', fieldMeaning('client.ip')],
  ['httpRequest.country', fieldMeaning('client.country')],
  ['httpRequest.clientAsn', fieldMeaning('client.asn', 1)],
  ['httpRequest.headers', dialectMeaning('headers')],
  ['httpRequest.uri', dialectMeaning('target')],
  ['httpRequest.args', dialectMeaning('query')],
  ['httpRequest.httpMethod', fieldMeaning('method')],
  ['httpRequest.host', fieldMeaning('host')],
  ['httpRequest.requestId', fieldMeaning('id')],
])

const distinct = new Set([
  'webaclid',
  'terminatingruleid',
  'terminatingruletype',
  'httprequest',
  'httpsourcename',
  'httpsourceid',
  'rulegrouplist',
  'ratebasedrulelist',
  'nonterminatingmatchingrules',
])

export const wafDialect: JsonLogDialect = {
  plainName: (key) => key.toLowerCase(),
  meanings,
  nested,
  complete(fields, { decision, headers, labels, target, query }) {
    fields.takeKnown('kind', 'policy', 10)
    fields.takeKnown('vantage', 'edge', 10)
    fields.takeKnown('gateway', 'aws-waf', 10)
    if (typeof decision === 'string') fields.take('policy.decision', decision.toLowerCase())
    fields.take('policy.reason', labelNames(labels))
    takeTarget(target, query, fields)
    takeHeaders(headers, fields)
  },
}

/** AWS WAF web ACL logs. A record tells what was decided of a request, and is of kind `policy`. */
export const awsWaf: Format<JsonLogOptions> = {
  id: 'aws-waf',
  summary: 'AWS WAF web ACL log in JSON.',
  notKept: new Map([
    ['httpRequest.args', 'the query, of which ingest.query_allowlist keeps names in path'],
    ['httpRequest.headers', 'headers hold credentials: only four are looked at'],
    ['webaclId', 'the web ACL, not a rule of it'],
    ['terminatingRuleType', 'terminatingRuleId tells the rule'],
    ['httpSourceName', 'what the web ACL protects'],
    ['httpSourceId', 'what the web ACL protects'],
    ['ruleGroupList', 'labels tell what matched'],
    ['nonTerminatingMatchingRules', 'labels tell what matched'],
    ['terminatingRuleMatchDetails', 'holds what the client sent'],
  ]),
  confidence: (line) => jsonLogConfidence(line, wafDialect, distinct),
  open: (options, wanted, counts) => jsonLogDecoder(wafDialect, options, wanted, counts),
}
