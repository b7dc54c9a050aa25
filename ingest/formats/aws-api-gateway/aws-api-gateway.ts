import type { Format } from '../../../core/event/decoder.ts'
import { type JsonLogDialect, jsonLogConfidence } from '../json-dialect.ts'
import type { JsonLogOptions } from '../json-log.ts'
import { jsonLogDecoder } from '../json-log-decoder.ts'
import type { LineFields } from '../line-fields.ts'
import { logTime } from '../log-time.ts'
import { apiGatewayMeanings, apiGatewayNested, apiGatewayOnly, plainName } from './key-names.ts'

export const apiGatewayDialect: JsonLogDialect = {
  plainName,
  meanings: apiGatewayMeanings,
  nested: apiGatewayNested,
  complete(fields, { operation, decision }) {
    fields.takeKnown('vantage', 'edge', 10)
    fields.takeKnown('gateway', 'aws-api-gateway', 10)
    if (typeof operation === 'string') takeOperation(operation, fields)
    if (decision === 'WAF_BLOCK') fields.take('policy.decision', 'block')
    else if (decision === 'WAF_ALLOW') fields.take('policy.decision', 'allow')
  },
  parseTime: logTime,
}

const operationShape = /^(?:([A-Z]{1,32}) )?(\/\S*)$/

/**
 * A resource path (`/orders/{id}`, REST) or route key (`GET /orders/{id}`, HTTP). One that takes any rest of the path is no
 * template: all requests would be one route.
 */
function takeOperation(operation: string, fields: LineFields): void {
  const [, method, route] = operationShape.exec(operation) ?? []
  if (method !== undefined && method !== 'ANY') fields.take('method', method, 9)
  if (route !== undefined && !route.includes('+}')) fields.take('route', route, 4)
}

/** Access logs of Amazon API Gateway, REST and HTTP APIs, whose format is JSON of `$context` variables. */
export const awsApiGateway: Format<JsonLogOptions> = {
  id: 'aws-api-gateway',
  summary: 'Amazon API Gateway access log in JSON, keys named after $context variables.',
  notKept: new Map([
    ['routeKey', '$default, or a key that takes any rest of the path, is no route'],
    ['stage', 'a part of the path'],
    ['protocol', 'no field holds it'],
    ['integrationLatency', 'responseLatency is the whole'],
    ['apiKey', 'the key itself; log $context.identity.apiKeyId'],
    ['identity.apiKey', 'the key itself; log $context.identity.apiKeyId'],
  ]),
  confidence: (line) => jsonLogConfidence(line, apiGatewayDialect, apiGatewayOnly),
  open: (options, wanted, counts) => jsonLogDecoder(apiGatewayDialect, options, wanted, counts),
}
