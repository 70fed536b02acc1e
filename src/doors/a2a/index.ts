export { A2aDoor } from './a2a.door.js';
export { a2a } from './a2a.dialect.js';
export { a2aErrors } from './error-form.js';
