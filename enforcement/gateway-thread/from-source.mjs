// Node can't read TypeScript, and `--import tsx` does nothing in a thread: from source, threads and processes start here.
import { argv } from 'node:process'
import { register } from 'tsx/esm/api'

register()
await import(argv[2])
