import { createHash } from 'node:crypto'
import type { Finding } from '../detector/finding.ts'
import { type Entity, entityKey } from '../entity/entity.ts'

/** The first 32 hex digits of the SHA-256 of the parts, each preceded by its length so that none runs into the next. */
export function responseHash(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:${part}`)
  return hash.digest('hex').slice(0, 32)
}

/** A finding and all that continue it have one run per playbook, whatever the order or number of restarts. */
export function runId(finding: Pick<Finding, 'space' | 'lane' | 'root'>, playbook: string): string {
  return responseHash('run', finding.space, finding.lane, playbook, finding.root)
}

/** Idempotency key of one step: receivers and decisions recognise a repeat by it. */
export function actionKey(run: string, step: string, target: Entity | undefined): string {
  return responseHash('action', run, step, target ? entityKey(target) : '')
}
