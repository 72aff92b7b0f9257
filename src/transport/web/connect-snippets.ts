/** How one client is connected. */
export interface ConnectSnippet {
  readonly client: string
  /** Where it goes. */
  readonly note: string
  readonly snippet: string
}

const indented = (value: unknown) => JSON.stringify(value, null, 2)

/** What to paste where, so that a client comes in with a token. Pure. */
export function connectSnippets(address: string, token: string): readonly ConnectSnippet[] {
  const url = `${address}/mcp`
  const headers = { Authorization: `Bearer ${token}` }
  return [
    {
      client: 'Claude Code',
      note: 'Run it in the folder of your project; add --scope user for all projects.',
      snippet: `claude mcp add --transport http gatehouse ${url} --header "Authorization: Bearer ${token}"`,
    },
    {
      client: 'Cursor',
      note: 'In .cursor/mcp.json of the project, or ~/.cursor/mcp.json.',
      snippet: indented({ mcpServers: { gatehouse: { url, headers } } }),
    },
    {
      client: 'VS Code',
      note: 'In .vscode/mcp.json of the project.',
      snippet: indented({ servers: { gatehouse: { type: 'http', url, headers } } }),
    },
    {
      client: 'Any other MCP client',
      note: 'Streamable HTTP at this address, with this header; most clients take it in this form.',
      snippet: indented({ mcpServers: { gatehouse: { type: 'http', url, headers } } }),
    },
    {
      client: 'curl',
      note: 'The tools that the token may call, over REST.',
      snippet: `curl -sS '${address}/api/tools' -H 'Authorization: Bearer ${token}'`,
    },
  ]
}
