import { join } from 'node:path'

/** A server from the npm registry as somebody would run it, with credentials that open nothing. */
export interface RealServer {
  readonly alias: string
  readonly package: string
  readonly version: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Those that are devDependencies, so that the test suite has them. @param dir an empty folder that they may use */
export const bundledServers = (dir: string): readonly RealServer[] => [
  { alias: 'everything', package: '@modelcontextprotocol/server-everything', version: '2026.8.31', args: ['stdio'] },
  { alias: 'filesystem', package: '@modelcontextprotocol/server-filesystem', version: '2026.8.31', args: [dir] },
  {
    alias: 'memory',
    package: '@modelcontextprotocol/server-memory',
    version: '2026.8.31',
    env: { MEMORY_FILE_PATH: join(dir, 'memory.jsonl') },
  },
  { alias: 'thinking', package: '@modelcontextprotocol/server-sequential-thinking', version: '2026.8.31' },
  { alias: 'context7', package: '@upstash/context7-mcp', version: '4.1.1', args: ['--transport', 'stdio'] },
]

/** Those that the matrix installs. */
export const INSTALLED_SERVERS: readonly RealServer[] = [
  { alias: 'playwright', package: '@playwright/mcp', version: '0.0.83', args: ['--headless'] },
  { alias: 'mongodb', package: 'mongodb-mcp-server', version: '3.0.4', env: { MDB_MCP_TELEMETRY: 'disabled' } },
  { alias: 'notion', package: '@notionhq/notion-mcp-server', version: '2.5.2', env: { NOTION_TOKEN: 'ntn_dummy' } },
  {
    alias: 'github',
    package: '@modelcontextprotocol/server-github',
    version: '2025.4.8',
    env: { GITHUB_PERSONAL_ACCESS_TOKEN: 'dummy' },
  },
  {
    alias: 'n8n',
    package: 'n8n-mcp',
    version: '2.87.0',
    env: {
      MCP_MODE: 'stdio',
      LOG_LEVEL: 'error',
      DISABLE_CONSOLE_OUTPUT: 'true',
      N8N_MCP_TELEMETRY_DISABLED: 'true',
      N8N_API_URL: 'http://127.0.0.1:9',
      N8N_API_KEY: 'dummy',
    },
  },
  { alias: 'chrome', package: 'chrome-devtools-mcp', version: '1.11.0', env: { CI: '1' } },
  { alias: 'exa', package: 'exa-mcp-server', version: '3.4.1', env: { EXA_API_KEY: 'dummy' } },
  { alias: 'tavily', package: 'tavily-mcp', version: '0.2.22', env: { TAVILY_API_KEY: 'dummy' } },
  { alias: 'map', package: '@modelcontextprotocol/server-map', version: '2.0.3', args: ['--stdio'] },
]
