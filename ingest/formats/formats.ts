import type { Format } from '../../core/event/decoder.ts'
import { apisix } from './apisix/apisix.ts'
import { awsApiGateway } from './aws-api-gateway/aws-api-gateway.ts'
import { awsWaf } from './aws-waf/aws-waf.ts'
import { canonical } from './canonical/canonical.ts'
import { cloudfront } from './cloudfront/cloudfront.ts'
import { combined } from './combined/combined.ts'
import { envoy } from './envoy/envoy.ts'
import { kong } from './kong/kong.ts'
import { nginxJson } from './nginx-json/nginx-json.ts'
import { ocsf } from './ocsf/ocsf.ts'
import { traefik } from './traefik/traefik.ts'

/** All wire formats, by their ids. Adding one means adding its line here. */
export const formats = {
  canonical,
  envoy,
  'nginx-json': nginxJson,
  combined,
  kong,
  apisix,
  traefik,
  'aws-api-gateway': awsApiGateway,
  'aws-waf': awsWaf,
  cloudfront,
  ocsf,
} as const

export type FormatId = keyof typeof formats

/** All ids, in the order in which help and errors name them. */
export const formatIds = Object.keys(formats) as readonly FormatId[]

/** The formats as one list, for detection and listings. */
export const formatList: readonly Format<never>[] = Object.values(formats)
