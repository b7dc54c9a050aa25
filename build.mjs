// Compiles to dist/, and does nothing when no source is newer than the last build: `npm start` calls it always.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = import.meta.dirname
const stamp = join(root, 'dist', '.built')
const folders = ['core', 'detectors', 'ingest', 'actions', 'config', 'storage', 'enforcement', 'cli']

function newest(path) {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return /\.(ts|json)$/.test(path) ? stat.mtimeMs : 0
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

const sources = [...folders, 'package.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) =>
  join(root, name),
)
const changed = Math.max(...sources.map(newest))
if (!existsSync(stamp) || statSync(stamp).mtimeMs < changed) {
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  chmodSync(join(root, 'dist', 'cli', 'main.js'), 0o755)
  writeFileSync(stamp, '')
}
