import type { OperationPlan, ParameterPlan } from '../../queue/api.lane.ts'
import type { HttpRequest } from './http-request.ts'
import { bodyOf } from './request/body-of.ts'
import type { Given } from './request/given.ts'
import { cookieOf, headerOf } from './request/header-of.ts'
import { pathOf } from './request/path-of.ts'
import { queryOf } from './request/query-of.ts'

type Arguments = Readonly<Record<string, unknown>>

/**
 * The request that an operation makes of arguments. Nothing in them can lead to another path, add a parameter or add a header.
 *
 * @throws Fault `invalid` for arguments that cannot be written where they belong
 */
export function buildRequest(plan: OperationPlan, args: Arguments): HttpRequest {
  const given = plan.parameters
    .map((parameter): Given => ({ plan: parameter, value: own(args, parameter.argument) }))
    .filter(({ value }) => value !== undefined && value !== null)
  const of = (place: ParameterPlan['in']): Given[] => given.filter(({ plan: { in: at } }) => at === place)
  const query = of('query').flatMap(queryOf).join('&')
  const cookie = of('cookie').map(cookieOf).join('; ')
  const body = plan.body && bodyOf(plan.body, own(args, plan.body.argument), of('part'))
  return {
    method: plan.method,
    url: `${plan.serverUrl}${pathOf(plan.path, of('path'))}${query === '' ? '' : `?${query}`}`,
    headers: {
      ...(plan.accept.length > 0 ? { accept: plan.accept.join(', ') } : {}),
      ...Object.fromEntries(of('header').map(headerOf)),
      ...(cookie === '' ? {} : { cookie }),
      ...(body ? { 'content-type': body.contentType } : {}),
    },
    body: body ? body.content : null,
  }
}

const own = (args: Arguments, name: string): unknown => (Object.hasOwn(args, name) ? args[name] : undefined)
