interface Added {
  readonly gateway: string
  readonly headers: Readonly<Record<string, string>>
  /** Where the server listens. */
  readonly url: string
}

/** Add a server to a gateway as long as something lasts. @throws Error when it cannot be connected */
export async function withUpstream({ gateway, headers, url }: Added, work: (alias: string) => Promise<void>): Promise<void> {
  const alias = `suite${process.pid}`
  const ask = async (
    method: string,
    path: string,
    body?: object,
  ): Promise<{ readonly state?: string; readonly lastError?: string }> => {
    const response = await fetch(`${gateway}/api/upstreams${path}`, {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as object
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
    return answer
  }
  const added = await ask('POST', '', { alias, transport: 'http', url })
  try {
    if (added.state !== 'connected') throw new Error(`${url} is not connected: ${added.lastError}`)
    await work(alias)
  } finally {
    await ask('DELETE', `/${alias}`)
  }
}
