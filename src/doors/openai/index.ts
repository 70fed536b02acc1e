export { openAi } from './dialect/openai.dialect.js';
