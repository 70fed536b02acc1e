export { openAi } from './dialect/openai.dialect.js';
export { openAiErrors } from './errors.js';
export { OpenAiDoor } from './openai.door.js';
