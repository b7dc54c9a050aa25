import type { Detector } from '../core/detector/detector.ts'
import { credentialStuffing } from './credential-stuffing/credential-stuffing.ts'
import { jtiReuse } from './jti-reuse/jti-reuse.ts'
import { sequentialEnumeration } from './sequential-enumeration/sequential-enumeration.ts'
import { webhookSkew } from './webhook-skew/webhook-skew.ts'

/** Every detector that ships, in the order in which lists show them. Adding one means adding its line here. */
export const detectors: readonly Detector[] = [
  credentialStuffing,
  sequentialEnumeration,
  jtiReuse,
  webhookSkew,
]
