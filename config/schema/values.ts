import { isIP } from 'node:net'
import { z } from 'zod'
import { type Duration, durationMs, durationPattern } from '../../core/time/duration.ts'
import { isSecretReference, type SecretReference } from '../secret.ts'

const noDuration = 'is not a length of time; write digits and a unit, such as 15s, 10m or 24h'
const durationText = z
  .string({ error: noDuration })
  .regex(durationPattern, { error: noDuration, abort: true })

/** `15s`, `10m`, `24h`; kept as text, `durationMs` reads it. */
export const duration = durationText.pipe(z.custom<Duration>())

/** A duration between two others, both inclusive; `why` says what to do instead of a longer one. */
export function durationBetween(least: Duration, most: Duration, why?: string) {
  return durationText
    .refine(
      (text) => durationMs(text) >= durationMs(least) && durationMs(text) <= durationMs(most),
      `must be between ${least} and ${most}${why === undefined ? '' : `; ${why}`}`,
    )
    .pipe(z.custom<Duration>())
}

/** A share as people write it, `1%`, or as a number from 0 to 1; becomes the number. */
export const share = z.union([z.number(), z.string()]).transform((value, context) => {
  const percent = typeof value === 'string' ? /^(\d{1,3}(?:\.\d{1,6})?)\s?%$/.exec(value)?.[1] : undefined
  const number =
    typeof value === 'number' ? value : percent === undefined ? Number.NaN : Number(percent) / 100
  if (number >= 0 && number <= 1) return number
  context.addIssue({
    code: 'custom',
    message: 'is not a share; write a percentage such as 1%, or a number from 0 to 1',
  })
  return z.NEVER
})

const noSize = 'is not a size; write digits and a unit, such as 512MB or 10GB'

/** A size as people write it, `512MB` or `10GB` (powers of ten); becomes bytes. */
export const size = z
  .string({ error: noSize })
  .regex(/^\d{1,6}(MB|GB)$/, { error: noSize, abort: true })
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith('GB') ? 1e9 : 1e6))

const noReference =
  'must refer to the secret and not hold it; write env:NAME, or file:/path/to/it with an absolute path'

/** Never the secret itself: `env:NAME` or `file:/path`. The message must not repeat what was written. */
export const secretReference = z
  .string({ error: noReference })
  .refine(isSecretReference, noReference)
  .pipe(z.custom<SecretReference>())

/** An id as it appears in findings, folders and commands. */
export const name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_.-]{0,63}$/,
    'must be lower-case letters, digits, -, _ and ., at most 64, starting with a letter or digit',
  )

/** `host:port`, IPv6 in brackets. */
export const hostPort = z.string().refine(isHostPort, 'must be host:port, such as kafka:9092')

export const port = z.number().int().min(1).max(65_535)

/** An absolute http(s) address without user, password or fragment. */
export const httpUrl = z
  .string()
  .refine(isPlainUrl, 'must be an absolute http:// or https:// address without a password in it')

/** An address or CIDR. */
export const addressOrCidr = z
  .string()
  .refine(isAddressOrCidr, 'is no address; write an address or CIDR, such as 203.0.113.7 or 2001:db8::/32')

/** A path in the file system; relative ones start at the folder of the configuration file. */
export const filePath = z.string().min(1).max(1024)

function isHostPort(text: string): boolean {
  const port = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,253}):(\d{1,5})$/.exec(text)?.[1]
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535
}

function isPlainUrl(text: string): boolean {
  try {
    const url = new URL(text)
    return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.hash === ''
  } catch {
    return false
  }
}

function isAddressOrCidr(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || address.includes('%') || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}
