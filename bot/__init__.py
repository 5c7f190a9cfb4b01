"""The bot: everything between a Zalo event in the inbox and a message in Zalo's hands.

The path of one message: `webhook` puts the event into the inbox (`mailbox`) → `worker` takes it,
parses it (`events`), looks for a button, a number or a word that works like one (`shortcuts`), else
asks Rasa (`nlu_client`), decides (`answer`, then `opening` what is said), renders (`render`) and
puts the messages into the outbox → `sender` hands them to Zalo (`zalo_client`, `tokens`). What must
last is in the `store`. Officers work in `admin`. `supervisor` starts all of it on one machine.
"""
