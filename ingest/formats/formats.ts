import type { Format } from '../../core/event/decoder.ts'
import { canonical } from './canonical/canonical.ts'
import { combined } from './combined/combined.ts'
import { envoy } from './envoy/envoy.ts'
import { nginxJson } from './nginx-json/nginx-json.ts'

/** All wire formats, by their ids. Adding one means adding its line here. */
export const formats = {
  canonical,
  envoy,
  'nginx-json': nginxJson,
  combined,
} as const

export type FormatId = keyof typeof formats

/** All ids, in the order in which help and errors name them. */
export const formatIds = Object.keys(formats) as readonly FormatId[]

/** The formats as one list, for detection and listings. */
export const formatList: readonly Format<never>[] = Object.values(formats)
