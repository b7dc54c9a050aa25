import type { DeadLetter } from '../../core/event/refusal.ts'
import { jsonLine } from './json-line.ts'

/** A refused input as `--json` prints it: one line, fixed names and order. */
export function deadLetterLine({ position, reason, detail, raw }: DeadLetter): string {
  const { source, partition, offset } = position
  return jsonLine({ source, partition, offset, reason, detail, raw })
}
