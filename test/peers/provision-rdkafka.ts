/** Builds node-rdkafka for the tests that are over it: `npm run provision:rdkafka`. */
import { stdout } from 'node:process'
import { provideRdkafka } from './rdkafka-build.ts'

stdout.write(`${await provideRdkafka()}\n`)
