import type { Finding } from '../../core/detector/finding.ts'
import { jsonLine } from './json-line.ts'
import { isoTime } from './times.ts'

/** A finding as `--json` prints it: one line, fixed names and order, times in ISO 8601. */
export function findingLine(finding: Finding): string {
  const { id, detector, version, entity, severity, score, first, last, evidence, manifest } = finding
  return jsonLine({
    id,
    detector,
    version,
    entity: { kind: entity.kind, id: entity.id },
    severity,
    score,
    first: isoTime(first),
    last: isoTime(last),
    evidence,
    manifest,
  })
}
