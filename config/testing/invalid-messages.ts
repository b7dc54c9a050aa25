import { entityKinds } from '../../core/entity/entity.ts'
import { configFromText } from '../load-config.ts'
import { evidenceType } from '../playbook/evidence-type.ts'
import { loadPlaybook } from '../playbook/load-playbook.ts'
import { formatProblem } from '../yaml/format-problem.ts'
import { actions, context, detectors, repository } from './stand-ins.ts'

/** What a person sees for a wrong file: a playbook when its name says so, else a configuration. */
export function invalidMessages(name: string, text: string): string {
  const result = name.startsWith('playbook-')
    ? playbookResult(name, text)
    : configFromText(name, text, repository, context)
  return result.ok ? 'no problem was found' : result.problems.map(formatProblem).join('\n')
}

function playbookResult(name: string, text: string) {
  return loadPlaybook(name, text, {
    evidence: new Map(detectors.map(({ id, evidence }) => [id, evidenceType(evidence)])),
    blames: new Map(detectors.map(({ id, blames = entityKinds }) => [id, blames])),
    actions: new Map(actions.map((action) => [action.id, action])),
    limits: { targetsPerHour: 50, shareOfClients: 0.01 },
    modeOf: () => undefined,
  })
}
