import type { EgressRules } from '../../contract/egress.ts'
import { Fault } from '../../contract/fault.ts'
import { judgeUrl } from '../../core/egress/judge-url.ts'
import type { ApiDocument, DocumentProblem } from './document/api-document.ts'

/** Servers that every call would be refused at: better said before the API is registered than with its first call. */
export function unreachable({ format, servers }: ApiDocument, rules: EgressRules): DocumentProblem[] {
  return servers.flatMap(({ url }) => {
    try {
      judgeUrl(rules, new URL(url))
      return []
    } catch (thrown) {
      const pointer = format === '2.0' ? '/host' : '/servers'
      return { pointer, message: Fault.from(thrown).message, severity: 'warning' as const }
    }
  })
}
