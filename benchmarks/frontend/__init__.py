"""How fluent the tab is: scrubbing, playing, opening and changing views in Chromium, and the server's answers that this waits for.

`log` writes what is looked at, `tab` drives a real TensorBoard's page (`observer.js` watches from inside), `clients` asks the server, and
`figures` makes of both what the page of benchmarks holds. ``python -m benchmarks.frontend`` runs all of it.
"""
