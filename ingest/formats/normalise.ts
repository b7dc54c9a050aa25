import type { EventRecord } from '../../core/event/event-record.ts'
import { cutText, ownText } from './own-text.ts'
import type { PathFacts } from './path-facts.ts'
import { bareHost } from './spelling.ts'

/**
 * Completes an event whose fields are spelled: what every format does the same way. Path, and where the sender does not
 * tell them route, object and host, come from the request's target.
 */
export function normalise(event: EventRecord, target: PathFacts | undefined): void {
  event.kind ??= 'http'
  // Not compared with a text: that would look into the address, which nobody else may do for this event.
  const address: string | null | undefined = event['client.ip']
  if (address === null) event['client.ip'] = undefined
  if (target === undefined) return
  if (event.method === 'CONNECT') {
    // Its target is an authority: RFC 9112 section 3.2.3.
    event.host ??= bareHost(cutText(ownText(target.target), 256))
    return
  }
  event.host ??= target.host
  event.path = target.path
  if (event.path !== undefined) setRoute(event, target)
}

function setRoute(event: EventRecord, target: PathFacts): void {
  if (event.route !== undefined && event['object.id'] !== undefined) return
  const { route, id, type } = target.routeFacts(event.route)
  event.route ??= route
  if (id === undefined || event['object.id'] !== undefined) return
  event['object.id'] = id
  event['object.type'] ??= type
}
