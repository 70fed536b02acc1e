export { langGraph, LangGraphDialect } from './dialect/langgraph.dialect.js';
export { LangGraphDoor } from './langgraph.door.js';
