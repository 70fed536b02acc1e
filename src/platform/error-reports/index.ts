export { ErrorReports } from './error-reports.js';
