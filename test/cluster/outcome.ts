import { findingLine } from '../../cli/render/finding-line.ts'
import type { Decision } from '../../core/decision/decision.ts'
import type { Finding } from '../../core/detector/finding.ts'
import { byLastThenId } from '../../core/detector/finding-order.ts'
import { picket } from '../e2e/picket-process.ts'
import { newest, readTopic } from './read-topic.ts'

/** What a run found and decided, to be compared byte for byte. */
export interface RunOutcome {
  readonly findings: string
  /** Decisions without their times, which go by the clock. */
  readonly decisions: readonly string[]
}

/** Of processes that keep their state in Kafka. */
export async function clusterOutcome(brokers: readonly string[], prefix: string): Promise<RunOutcome> {
  const found = newest(await readTopic(brokers, `${prefix}.findings`))
  const decided = newest(await readTopic(brokers, `${prefix}.decisions`))
  decided.delete('barrier')
  const findings = [...found.values()]
    .map((text) => JSON.parse(text) as Finding)
    .filter(isOfTraffic)
    .sort(byLastThenId)
  const decisions = [...decided.values()].map((text) => JSON.parse(text) as Decision)
  return {
    findings: findings.map((finding) => `${findingLine(finding)}\n`).join(''),
    decisions: decisions.map(decisionText).sort(),
  }
}

/** Of one process that keeps its state in its data folder. */
export async function embeddedOutcome(config: string): Promise<RunOutcome> {
  const findings = await picket(['findings', 'list', '--json', '--config', config])
  const decisions = await picket(['decisions', 'list', '--json', '--config', config])
  return {
    findings: linesOf(findings.stdout)
      .filter((line) => isOfTraffic(JSON.parse(line) as Finding))
      .map((line) => `${line}\n`)
      .join(''),
    decisions: linesOf(decisions.stdout)
      .map((line) => decisionText(JSON.parse(line) as Decision))
      .sort(),
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}

/** What a process finds about itself goes by the clock, and is no function of the events. */
function isOfTraffic({ entity }: Finding): boolean {
  return !(entity.kind === 'service' && entity.id.startsWith('picket/'))
}

function decisionText({ scope, value, type, finding }: Decision): string {
  return `${scope} ${value} ${type} ${finding}`
}
