export { session } from './session.dialect.js';
export { sessionErrors } from './error-frame.js';
export { SessionDoor } from './session.door.js';
