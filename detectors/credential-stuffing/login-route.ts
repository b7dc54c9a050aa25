import { perConfig } from '../../core/detector/per-config.ts'
import { memoise } from '../../core/entity/memoise.ts'
import type { Config } from './config.ts'

/** Which of the configured kinds of login route a path is. */
export interface LoginRoutes {
  isLogin(path: string): boolean
  /** A form that is shown again, with 200, when the log-in failed. */
  isForm(path: string): boolean
}

/** Longer paths are no log-in; it also bounds what the expression below can cost. */
const pathLengthMax = 512

/** The login routes of a config, compiled once. */
export const loginRoutesOf = perConfig((config: Config): LoginRoutes => {
  const [login, form] = [suffixes(config.login_routes), suffixes(config.form_routes)]
  return {
    isLogin: memoise((path) => matches(login, path)),
    isForm: memoise((path) => matches(form, path)),
  }
})

/** One expression that matches the last segments; `*` stands for anything within a segment. */
function suffixes(patterns: readonly string[]): RegExp | undefined {
  if (patterns.length === 0) return undefined
  const alternatives = patterns.map((pattern) =>
    pattern
      .replace(/^\/+|\/+$/g, '')
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[^/]*'),
  )
  return new RegExp(`(?:^|/)(?:${alternatives.join('|')})(?:\\.(?:php|jsp|do|aspx?|html?|json))?/*$`, 'i')
}

function matches(expression: RegExp | undefined, text: string): boolean {
  if (!expression) return false
  const query = text.search(/[?#;]/)
  const path = query < 0 ? text : text.slice(0, query)
  return path.length <= pathLengthMax && expression.test(path)
}
