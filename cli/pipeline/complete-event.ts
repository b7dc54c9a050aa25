import type { Event } from '../../core/event/event.ts'
import type { Pseudonymise } from '../../ingest/privacy/pseudonym.ts'

/** What the lane of an event knows of it beyond its line. */
export interface Completion {
  /** For events that don't say. */
  readonly vantage?: 'edge' | 'service' | undefined
  /** Whether `enforced_by` marks are believed. */
  readonly trustsMarks: boolean
}

/** What is done with names in every lane. */
export interface Privacy {
  readonly pseudonymise: Pseudonymise
  /** Principals become pseudonyms too. */
  readonly pseudonymisePrincipals: boolean
}

/** Makes a decoded line the event that is judged. Returns whether it bore a mark that nobody vouches for. */
export function completeEvent(event: Event, completion: Completion, privacy: Privacy): boolean {
  const account = event['auth.account']
  if (account !== undefined) event['auth.account'] = privacy.pseudonymise(account)
  const principal = event['principal.id']
  if (privacy.pseudonymisePrincipals && principal !== undefined)
    event['principal.id'] = privacy.pseudonymise(principal)
  if (event.vantage === undefined && completion.vantage !== undefined) event.vantage = completion.vantage
  if (event.enforced_by === undefined || completion.trustsMarks) return false
  event.enforced_by = undefined
  return true
}
