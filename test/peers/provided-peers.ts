import type { KafkaSecurity } from './kafka-security.ts'
import type { Skip } from './skip.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    kafkaBrokers: { readonly brokers: string[]; readonly security?: KafkaSecurity } | Skip
    envoyBinary: { readonly path: string } | Skip
    rdkafkaBuild: { readonly folder: string } | Skip
  }
}

/** What `global-setup.ts` hands to every test file through vitest's `inject`. */
export type ProvidedPeer = 'kafkaBrokers' | 'envoyBinary' | 'rdkafkaBuild'
