"""Trainings in which something is known to happen to a model's reasons, and what the alarms must say of them.

`data` has what they are trained on, `networks` the models, `trainings` puts both together, one row of `TRAININGS` each; `running` trains
with the public callbacks and keeps the log; `server` answers as the tab is answered, and `reading` asks it; `scenarios` says what is
wanted of the answers, and `table` how often it was so.
"""
