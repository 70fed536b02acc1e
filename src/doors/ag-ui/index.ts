export { agUi } from './ag-ui.dialect.js';
export { AgUiDoor } from './ag-ui.door.js';
