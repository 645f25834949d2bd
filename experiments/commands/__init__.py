"""The commands on a recorded run: predict, explain, export, deploy and undeploy. They record nothing themselves."""
