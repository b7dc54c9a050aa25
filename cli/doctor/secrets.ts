import { type ConfigSecret, missingSecrets } from '../../config/config-secrets.ts'
import { type Examination, resultsAbout } from './examination.ts'

/** Whether the secrets that the configuration refers to are there, for this user on this machine. Tells no value. */
export function secretsSet(secrets: readonly ConfigSecret[]): Examination {
  const about = 'secrets'
  const { ok, fail } = resultsAbout(about)
  return {
    about,
    examine() {
      const missing = missingSecrets(secrets)
      if (missing.length > 0) return missing.map(({ message, hint = 'set it' }) => fail(message, hint))
      return [ok(secrets.length === 0 ? 'none is referred to' : `all ${secrets.length} are set`)]
    },
  }
}
