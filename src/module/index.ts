import type { Module } from '../contract/module.ts'
import { access } from './access/access.module.ts'
import { api } from './api/api.module.ts'
import { audit } from './audit/audit.module.ts'
import { client } from './client/client.module.ts'
import { functions } from './function/function.module.ts'
import { log } from './log/log.module.ts'
import { monitor } from './monitor/monitor.module.ts'
import { overview } from './overview/overview.module.ts'
import { prompt } from './prompt/prompt.module.ts'
import { queue } from './queue/queue.module.ts'
import { request } from './request/request.module.ts'
import { resource } from './resource/resource.module.ts'
import { result } from './result/result.module.ts'
import { secret } from './secret/secret.module.ts'
import { tool } from './tool/tool.module.ts'
import { upstream } from './upstream/upstream.module.ts'

/**
 * Every module of the house.
 *
 * Guards answer in this order, services start in it and stop in reverse: records come first, so that they are the last to close.
 */
export const modules: readonly Module[] = [
  audit,
  request,
  log,
  access,
  client,
  secret,
  result,
  overview,
  upstream,
  api,
  functions,
  tool,
  prompt,
  resource,
  queue,
  monitor,
]
