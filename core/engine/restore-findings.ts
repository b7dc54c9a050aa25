import type { Finding } from '../detector/finding.ts'
import type { EntityTable } from './entity-table.ts'

/** Takes findings that the next ones may continue, oldest first; others stay in the store only. */
export function restoreFindings(
  table: EntityTable,
  findings: readonly Finding[],
  { windowMs, watermark }: { readonly windowMs: number; readonly watermark: number },
): void {
  for (const finding of findings) {
    if (finding.period + 2 * windowMs <= watermark) continue
    // Its panes may be forgotten before it is.
    const entity = table.open(finding.entity.kind, finding.entity.id)
    if (entity === undefined) continue
    table.findings.set(entity, finding.period, [...table.findings.of(entity), finding])
  }
}
