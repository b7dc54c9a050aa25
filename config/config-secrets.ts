import {
  isSecretReference,
  resetting,
  resolveSecret,
  SecretError,
  type SecretReference,
  type SecretSources,
} from './secret.ts'
import { recordOf } from './usable-config.ts'
import { pathText } from './yaml/describe-issue.ts'
import type { LocatedYaml, YamlPath } from './yaml/located-yaml.ts'
import type { Problem } from './yaml/problem.ts'

/** A reference to a secret in the configuration. */
export interface ConfigSecret {
  /** Such as `actions.page.routing_key`. */
  readonly setting: string
  readonly reference: SecretReference
  /** What `picket run` does without it. */
  readonly without: string
  /** Whether `picket run` refuses to start without it. */
  readonly isNeeded: boolean
  /** Fewest bytes that do. */
  readonly bytesMin: number
  problem(message: string, hint: string): Problem
}

const refuses = 'picket run will not start'

/** Every secret that the configuration refers to, whatever else is wrong with it. */
export function configSecrets(yaml: LocatedYaml): readonly ConfigSecret[] {
  const { sources } = recordOf(yaml.data)
  const secretAt = (path: YamlPath, without = refuses, bytesMin = 1): readonly ConfigSecret[] => {
    const reference = path.reduce<unknown>(
      (value, step) => (Array.isArray(value) ? value[Number(step)] : recordOf(value)[String(step)]),
      yaml.data,
    )
    if (typeof reference !== 'string' || !isSecretReference(reference)) return []
    return [
      {
        setting: pathText(path),
        reference,
        without,
        isNeeded: without === refuses,
        bytesMin,
        problem: (message, hint) => yaml.problem(yaml.rangeOf(path), message, hint),
      },
    ]
  }
  const kafkaSecrets = (path: YamlPath) => [
    ...secretAt([...path, 'sasl', 'password']),
    ...['ca', 'cert', 'key', 'passphrase'].flatMap((name) => secretAt([...path, 'tls', name])),
  ]
  return [
    ...(Array.isArray(sources) ? sources : []).flatMap((source, index) => {
      const { more_tokens: more } = recordOf(source)
      const tokens = Array.isArray(more) ? more : []
      return [
        ...kafkaSecrets(['sources', index]),
        ...secretAt(['sources', index, 'token'], refuses, 16),
        ...tokens.flatMap((_token, nth) => secretAt(['sources', index, 'more_tokens', nth], refuses, 16)),
      ]
    }),
    ...kafkaSecrets(['dead_letters', 'kafka']),
    ...secretAt(['privacy', 'key'], refuses, 16),
    ...secretAt(['actions', 'page', 'routing_key']),
    ...secretAt(['clickhouse', 'password'], 'picket run will judge, but keep no copies for analysis'),
  ]
}

/** A problem for each secret that can't be had here: in this environment, from the files of this machine. */
export function missingSecrets(
  secrets: readonly ConfigSecret[],
  sources?: SecretSources,
): readonly Problem[] {
  return secrets.flatMap(({ setting, reference, without, bytesMin, problem }) => {
    const missing = lackOf(reference, bytesMin, sources)
    return missing ? [problem(`${setting}: ${missing.why}; ${without}`, missing.todo)] : []
  })
}

function lackOf(
  reference: SecretReference,
  bytesMin: number,
  sources: SecretSources | undefined,
): { readonly why: string; readonly todo: string } | undefined {
  try {
    const secret = resolveSecret(reference, sources)
    if (Buffer.byteLength(secret) >= bytesMin) return undefined
    const todo = resetting(reference, `at least ${bytesMin} bytes (openssl rand -hex 32 prints enough)`)
    return { why: `${reference} is shorter than ${bytesMin} bytes`, todo }
  } catch (error) {
    if (!(error instanceof SecretError)) throw error
    // It names the reference and never a value.
    return { why: error.message.replace(/^secret /, ''), todo: error.todo }
  }
}
