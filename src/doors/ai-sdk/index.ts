export { aiSdk } from './ai-sdk.dialect.js';
export { AiSdkDoor } from './ai-sdk.door.js';
