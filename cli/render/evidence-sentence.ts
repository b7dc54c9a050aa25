import type { Finding } from '../../core/detector/finding.ts'

type Evidence = Finding['evidence']

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** A number of the evidence as people write it; findings of other versions may lack it. */
function count(evidence: Evidence, name: string): number {
  const value = evidence[name]
  return typeof value === 'number' ? value : 0
}

function text(evidence: Evidence, name: string): string {
  const value = evidence[name]
  return typeof value === 'string' ? value : ''
}

function texts(evidence: Evidence, name: string): string[] {
  const value = evidence[name]
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

/** `1 account`, `1,200 accounts`. */
function many(number: number, one: string, more = `${one}s`): string {
  return `${whole.format(number)} ${number === 1 ? one : more}`
}

function sentence(...parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false && part !== '').join(', ')
}

function stuffing(evidence: Evidence): string {
  const addresses = count(evidence, 'addresses')
  const from = addresses > 1 ? ` from ${many(addresses, 'address', 'addresses')}` : ''
  if (text(evidence, 'basis') === 'login_failures') {
    return `${many(count(evidence, 'failures'), 'failed log-in')}${from}, ${whole.format(count(evidence, 'successes'))} that worked; the log has no account names`
  }
  const succeeded = count(evidence, 'accounts_succeeded_count')
  const isPlace = text(evidence, 'form') !== 'distributed'
  return sentence(
    `${many(count(evidence, 'accounts_tried'), 'account')} tried${from}`,
    `${whole.format(count(evidence, 'accounts_failed_only'))} in vain`,
    isPlace && succeeded > 0 && `${whole.format(succeeded)} opened after failures`,
    text(evidence, 'pace') === 'slow' && 'over a day',
  )
}

function walk(evidence: Evidence): string {
  const trouble = count(evidence, 'refused') + count(evidence, 'missed')
  const range = `${text(evidence, 'lowest')} to ${text(evidence, 'highest')}`
  return sentence(
    `${many(count(evidence, 'ids'), 'id')} of ${text(evidence, 'route')} from ${range}`,
    `${whole.format(count(evidence, 'per_minute'))} a minute`,
    trouble > 0 && `${whole.format(trouble)} refused or missing`,
  )
}

function tokenReuse(evidence: Evidence): string {
  const reasons = texts(evidence, 'reasons')
  const late = count(evidence, 'uses_after_logout')
  const differs = text(evidence, 'basis').replaceAll('_', ' ').split('+').join(', ')
  const told = sentence(
    reasons.includes('two_places') && `used in two places by turns (other ${differs})`,
    late > 0 && `${many(late, 'use')} after the log-out at ${text(evidence, 'logout_at').slice(11, 16)}`,
    ...reasons
      .filter((reason) => reason !== 'two_places' && !(reason === 'after_logout' && late > 0))
      .map((reason) => reason.replaceAll('_', ' ')),
  )
  const owner = text(evidence, 'subject')
  return owner === '' ? told : `${told}; owner ${owner}`
}

function webhooks(evidence: Evidence): string {
  const [old, future] = [count(evidence, 'old_ids'), count(evidence, 'future_ids')]
  const [replayed, failed] = [count(evidence, 'replayed_ids'), count(evidence, 'signature_failures')]
  const drift = count(evidence, 'skew_centre_s')
  const senders = texts(evidence, 'senders')
  const told = sentence(
    replayed > 0 && `${many(replayed, 'delivery', 'deliveries')} sent again after success`,
    old + future > 0 &&
      `${many(old, 'timestamp')} too old and ${whole.format(future)} ahead by more than ${count(evidence, 'tolerance_s')} s`,
    failed > 0 && `${many(failed, 'wrong signature')} for ${text(evidence, 'route')}`,
    drift !== 0 && `its clock is ${whole.format(Math.abs(drift))} s ${drift > 0 ? 'ahead' : 'behind'}`,
  )
  return senders.length > 0 ? `${told}, from ${senders.join(', ')}` : told
}

const sentences: Readonly<Record<string, (evidence: Evidence) => string>> = {
  'credential-stuffing': stuffing,
  'sequential-enumeration': walk,
  'jti-reuse': tokenReuse,
  'webhook-skew': webhooks,
}

/** What a finding saw, in one sentence; for detectors that have none here, what fits of the evidence. */
export function evidenceSentence({ detector, evidence }: Pick<Finding, 'detector' | 'evidence'>): string {
  const told = Object.hasOwn(sentences, detector) && sentences[detector]?.(evidence)
  return told || evidenceBrief(evidence)
}

/** Numbers and short texts of the evidence, as `name=value`. */
export function evidenceBrief(evidence: Evidence): string {
  return Object.entries(evidence)
    .filter(([, value]) => ['number', 'string', 'boolean'].includes(typeof value) || isShortList(value))
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : String(value)}`)
    .join(' ')
}

function isShortList(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= 4 &&
    value.every((one) => typeof one === 'string')
  )
}
