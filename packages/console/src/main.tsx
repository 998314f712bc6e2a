// The console's entry: finds out whether this is the console or a portal, and draws it.

import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import './design/base.css';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no #root');
createRoot(root).render(<App />);
