export { Budgets, type Spent } from './budgets.js';
export { BudgetsModule } from './budgets.module.js';
export type { Owner } from './usage-days.js';
