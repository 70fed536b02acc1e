export { cleanSources } from './clean-sources.js';
export { Corpus, type CorpusDocument, type CorpusQuery, type Passage } from './corpus.js';
export { readArguments, summarizeArguments, summarizeResult } from './tool-arguments.js';
export { ToolRegistry, type ProvidedTool, type ToolInfo } from './tool-registry.js';
export {
  TOOL_FAILED,
  Tool,
  ToolError,
  type ToolContext,
  type ToolFile,
  type ToolOptions,
  type ToolResult,
  type ToolSource,
  type ToolTraits,
} from './tool.js';
export { ToolsModule } from './tools.module.js';
export { WorkspaceFile, WorkspaceFiles, type FileInfo, type Workspace } from './workspace-files.js';
