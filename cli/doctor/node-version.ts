import { type Examination, resultsAbout } from './examination.ts'

/** The oldest runtime that Picket is made for; `engines` in package.json says the same. */
export const nodeVersionMin = [20, 19] as const

/** Whether this Node.js is new enough. */
export function nodeVersion(version: string = process.versions.node): Examination {
  const { ok, fail } = resultsAbout('node')
  return {
    about: 'node',
    examine() {
      const [major = 0, minor = 0] = version.split('.').map(Number)
      const isEnough =
        major > nodeVersionMin[0] || (major === nodeVersionMin[0] && minor >= nodeVersionMin[1])
      if (isEnough) return [ok(`Node.js ${version}`)]
      const least = nodeVersionMin.join('.')
      return [fail(`Node.js ${version} is older than ${least}`, `install Node.js ${least} or newer`)]
    },
  }
}
